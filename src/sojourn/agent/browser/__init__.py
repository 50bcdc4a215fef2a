"""A Chromium of the agent's own: started for one visit, watched, and gone without a trace."""
