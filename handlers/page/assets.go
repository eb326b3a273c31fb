package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/web"
)

// assetFile is a style sheet, script or image.
type assetFile struct {
	content     []byte
	contentType string
	hash        string // of the content
}

// assets are the files of package web by name. Pages link to a name that contains the hash of the content,
// which browsers may cache forever; the plain name works as well. They are read for the first page: commands need
// none.
var assets = sync.OnceValue(func() map[string]assetFile { return loadAssets(web.Assets) })

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".js":  "text/javascript; charset=utf-8",
}

func loadAssets(files fs.FS) map[string]assetFile {
	found := map[string]assetFile{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		base := path.Base(name)
		contentType, known := assetTypes[path.Ext(base)]
		if _, twice := found[base]; twice || !known {
			return fmt.Errorf("asset %s: duplicate name or unknown type", name)
		}
		found[base] = newAsset(content, contentType)
		return nil
	})
	if err != nil {
		panic("embedded assets: " + err.Error())
	}
	l := linker{files: found, linked: map[string]bool{}}
	for name := range found {
		l.link(name, nil)
	}
	return found
}

func newAsset(content []byte, contentType string) assetFile {
	sum := sha256.Sum256(content)
	return assetFile{content: content, contentType: contentType, hash: hex.EncodeToString(sum[:8])}
}

// importPattern matches the imports of a module.
var importPattern = regexp.MustCompile(`(from|import) "\./([a-z]+\.js)"`)

// linker replaces the imports of modules by names with hashes.
type linker struct {
	files  map[string]assetFile
	linked map[string]bool // modules whose imports are replaced
}

// link replaces the imports of a module, so that its own hash changes with theirs. It panics on import cycles.
// importers is the chain of modules that import this one.
func (l linker) link(name string, importers []string) {
	if path.Ext(name) != ".js" || l.linked[name] {
		return
	}
	if slices.Contains(importers, name) {
		panic("embedded assets: " + name + " is in an import cycle")
	}
	linked := importPattern.ReplaceAllFunc(l.files[name].content, func(match []byte) []byte {
		parts := importPattern.FindSubmatch(match)
		keyword, other := string(parts[1]), string(parts[2])
		if _, ok := l.files[other]; !ok {
			panic("embedded assets: " + name + " imports " + other + ", which does not exist")
		}
		l.link(other, append(importers, name))
		stem, ext := splitExt(other)
		return []byte(keyword + ` "./` + stem + "-" + l.files[other].hash + ext + `"`)
	})
	l.files[name], l.linked[name] = newAsset(linked, l.files[name].contentType), true
}

// assetURL returns the URL of an asset with its hash; an error if the asset does not exist.
func assetURL(name string) (string, error) {
	file, ok := assets()[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	stem, ext := splitExt(name)
	return "/assets/" + stem + "-" + file.hash + ext, nil
}

func splitExt(name string) (stem, ext string) {
	ext = path.Ext(name)
	return strings.TrimSuffix(name, ext), ext
}

// ServeAsset serves a file of package web. For an outdated hash it serves the current content without
// caching, since browsers may have pages of an earlier release.
func ServeAsset(c *gin.Context) error {
	name := c.Param("file")
	file, ok := assets()[name]
	caching := "no-cache"
	if !ok {
		stem, ext := splitExt(name)
		plain, hash, _ := strings.Cut(stem, "-")
		if file, ok = assets()[plain+ext]; !ok {
			return httpio.ErrNoRoute
		}
		if hash == file.hash {
			caching = "public, max-age=31536000, immutable"
		}
	}
	tag := `"` + file.hash + `"`
	c.Header("Cache-Control", caching)
	c.Header("ETag", tag)
	if httpio.NotModified(c.Writer, c.Request, tag) {
		return nil
	}
	c.Header("Content-Type", file.contentType)
	c.Request.Header.Del("Range") // http.ServeContent would reject an invalid range in plain text
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(file.content))
	return nil
}
