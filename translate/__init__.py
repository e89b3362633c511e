"""Documents through a model: the pipeline, batch jobs, checks on the translations."""
