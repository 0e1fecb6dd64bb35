"""Pages: one view file and one template folder for each concept of `kms`."""
