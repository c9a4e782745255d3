namespace Attune;

/// <summary>
/// Everything that can be named in recipes and on the command line, one axis a file. To add one, write its class in its own room
/// and one line in its axis here; help texts, errors, <c>attune matrix</c> and the tests that visit every cell pick it up.
/// </summary>
/// <remarks>Immutable and safe to use from many threads.</remarks>
public static partial class Catalog
{
}
