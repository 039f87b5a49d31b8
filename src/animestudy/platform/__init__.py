"""The platform of the paper's section 4: a page, users, jobs, and workers that convert pictures and clips."""
