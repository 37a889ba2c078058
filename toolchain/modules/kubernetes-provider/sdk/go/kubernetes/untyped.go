// Package kubernetes stands in for the generated Go SDK of the Kubernetes provider. The provider itself needs six
// names of that SDK's 66 packages; with only these its build takes less than half the time and the binary half the size.
package kubernetes

import "reflect"

// UntypedArgs are the properties of an object whose type is only known at run time.
type UntypedArgs map[string]any

// ElementType makes the map an input of the Pulumi SDK.
func (UntypedArgs) ElementType() reflect.Type {
	return reflect.TypeFor[map[string]any]()
}
