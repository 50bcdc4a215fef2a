"""The dialect `activity_v2`: a care desk records what an admin user does in a session, and reads sessions back."""
