package wordlists

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// catalogueMagic begins a compiled gettext catalogue (GNU gettext manual, "The Format of GNU MO Files").
const catalogueMagic = 0x950412de

var errCatalogue = errors.New("not a compiled gettext catalogue")

// readCatalogue calls translation for every translated string of a .mo file, except the header.
func readCatalogue(path string, translation func(string)) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	number := func(at int) int {
		if at < 0 || at+4 > len(data) {
			return -1
		}
		return int(binary.LittleEndian.Uint32(data[at:]))
	}
	if number(0) != catalogueMagic {
		return fmt.Errorf("read names %s: %w", path, errCatalogue)
	}
	count, originals, translations := number(8), number(12), number(16)
	for i := range count {
		if number(originals+8*i) == 0 { // the header translates the empty string
			continue
		}
		length, at := number(translations+8*i), number(translations+8*i+4)
		if length < 0 || at < 0 || at+length > len(data) {
			return fmt.Errorf("read names %s: %w", path, errCatalogue)
		}
		translation(string(data[at : at+length]))
	}
	return nil
}

// single returns the one file that a pattern matches.
func single(pattern string) (string, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return "", fmt.Errorf("find word list: %w", err)
	}
	if len(paths) != 1 {
		return "", fmt.Errorf("find word list: %d files match %s, not one", len(paths), pattern)
	}
	return paths[0], nil
}
