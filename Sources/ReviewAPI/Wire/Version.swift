/// The version of both programs.
package let reviewdVersion = "0.1.0"
