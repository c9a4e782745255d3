namespace Attune.Tokenizers.Patterns;

/// <summary>A pattern is malformed or uses syntax that is not supported; the reader of the file adds where it stood.</summary>
internal sealed class PatternSyntaxException(string message) : Exception(message);
