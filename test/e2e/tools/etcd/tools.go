//go:build tools

// Package tools pins the programs that the bench builds from this module.
package tools

import (
	_ "go.etcd.io/etcd/server/v3"
)
