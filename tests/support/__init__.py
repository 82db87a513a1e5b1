"""What the end-to-end tests share: servers, identities, functions, and ways to ask AWS's own clients."""
