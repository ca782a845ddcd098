"""The register of certificates: mechanism only; who has earned one is decided in `lms.progress`."""
