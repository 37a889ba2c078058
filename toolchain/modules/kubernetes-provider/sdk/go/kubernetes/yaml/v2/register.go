// Package v2 registers the objects of a manifest as Pulumi resources.
package v2

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// object is any Kubernetes object: of its outputs the provider only passes on URN and id.
type object struct {
	pulumi.CustomResourceState
}

// RegisterResource registers one object under the type token that the typed SDKs would use for it.
func RegisterResource(
	ctx *pulumi.Context, apiVersion, kind, name string, props pulumi.Input, opts ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	var registered object
	if err := ctx.RegisterResource(token(apiVersion, kind), name, props, &registered, opts...); err != nil {
		return nil, err
	}
	return &registered, nil
}

// token gives the legacy group, which has no name in an apiVersion, the name "core".
func token(apiVersion, kind string) string {
	if !strings.Contains(apiVersion, "/") {
		apiVersion = "core/" + apiVersion
	}
	return "kubernetes:" + apiVersion + ":" + kind
}
