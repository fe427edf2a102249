"""The main script, in a folder of its own: Streamlit takes a folder `pages` beside it for its own pages."""
