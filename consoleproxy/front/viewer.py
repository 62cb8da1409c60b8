def viewer_routes() -> list[tuple[str, type]]:
    return []
