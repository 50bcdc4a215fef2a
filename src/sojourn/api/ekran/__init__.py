"""The dialect `ekran`: who was logged in within a window, cut to their activity."""
