"""What makers of offing run by hand: it builds files that the package ships."""
