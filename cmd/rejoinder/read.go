package main

import (
	"fmt"
	"io"
	"os"
)

// maxSettingBytes is the maximum size of a configuration file and of a file with one setting's value.
const maxSettingBytes = 1 << 20

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	return readLimited(file, path, limit)
}

// readLimited reads r to its end. It returns an error with the name if r has more than limit bytes.
func readLimited(r io.Reader, name string, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return content, nil
}
