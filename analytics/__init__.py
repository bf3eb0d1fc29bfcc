"""The analyst's room: DuckDB over the exported Parquet files, with every column documented."""
