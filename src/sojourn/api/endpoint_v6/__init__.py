"""The dialect `endpoint_v6`: what a browsing session was like, as JSON and as XML."""
