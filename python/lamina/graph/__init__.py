"""What is to be computed: tensors, and the operations between them."""
