"""Services that train: each behind one seam, so that the life of a job does not know them."""
