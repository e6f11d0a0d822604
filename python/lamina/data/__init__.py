"""What users bring, as batches."""
