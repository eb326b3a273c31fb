package dbtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// tools are PostgreSQL's programs on this machine, and the user to run them as.
type tools struct {
	initdb     string
	postgres   string
	credential *syscall.Credential // nil: the user who runs the tests
}

// places are the usual folders of the programs besides PATH.
var places = []string{
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
}

func findTools() (tools, error) {
	var t tools
	for _, folder := range folders() {
		initdb, postgres := filepath.Join(folder, "initdb"), filepath.Join(folder, "postgres")
		if executable(initdb) && executable(postgres) {
			t.initdb, t.postgres = initdb, postgres
			break
		}
	}
	if t.initdb == "" {
		return t, fmt.Errorf("these tests need PostgreSQL's initdb and postgres, which are neither in PATH nor in %s; "+
			"install them with: apt-get install postgresql (or name a server in %s)", places[0], DSNVariable)
	}
	credential, err := Unprivileged()
	t.credential = credential
	return t, err
}

// folders lists where to look: PATH first, then the newest version among the usual places.
func folders() []string {
	var list []string
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if target, err := filepath.EvalSymlinks(initdb); err == nil {
			list = append(list, filepath.Dir(target))
		}
	}
	for _, pattern := range places {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		slices.Reverse(found)
		list = append(list, found...)
	}
	return list
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// Unprivileged returns a user to run PostgreSQL as, since it refuses to run as root; nil if this process is
// not root.
func Unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New(
		"PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as",
	)
}
