package train

import "github.com/lanes-ml/lanes/net/internal/regular"

// ReadFile returns a file's content. What is no file, such as a pipe that may never
// be written to, is an error.
func ReadFile(path string) ([]byte, error) { return regular.ReadFile(path) }
