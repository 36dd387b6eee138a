"""Where do approved numbers live, and who decided about them?"""
