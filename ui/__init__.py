"""How is the product shown? The only room that knows Streamlit, with `pages` on top of it."""
