"""Models: the catalogue, the back ends, the bundled starter model and how it was trained."""
