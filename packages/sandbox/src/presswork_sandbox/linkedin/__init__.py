"""LinkedIn: the login, the versioned REST API with its uploads, members' profiles and companies' pages."""
