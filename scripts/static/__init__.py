"""What holds of the code and of what it depends on before anybody runs it; every finding is mended or has a reason."""
