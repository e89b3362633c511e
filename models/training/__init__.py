"""How the models are trained: prepare, lexinit, train, export, evaluate, card; one file each."""
