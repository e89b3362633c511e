"""Document formats: texts out, translations back in, structure kept."""
