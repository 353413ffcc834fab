std = "lua54"
max_line_length = 120
exclude_files = { "build", "spec/support/mistakes", "lua/scalerun/meta", "**/node_modules" }
files["spec"] = { std = "+busted" }
