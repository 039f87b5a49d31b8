"""Turn people's own pictures and clips into drawings with a trained generator."""
