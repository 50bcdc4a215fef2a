"""Our own dialect: `/api/v1`, in the core's own words."""
