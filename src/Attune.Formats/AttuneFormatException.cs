namespace Attune.Formats;

/// <summary>
/// The one exception that reading untrusted bytes may end in. Its message names the file, the field, what was found,
/// what was expected and what to do.
/// </summary>
public sealed class AttuneFormatException : Exception
{
    /// <summary>Makes the exception from a complete message.</summary>
    /// <param name="message">What is wrong and what to do; <paramref name="path"/> is put in front of it unless it already names it.</param>
    /// <param name="path">The file (or other source) the bytes came from, if known.</param>
    /// <param name="inner">The exception that revealed the fault, if any.</param>
    public AttuneFormatException(string message, string? path = null, Exception? inner = null)
        : base(path is null || message.Contains(path, StringComparison.Ordinal) ? message : $"{path}: {message}", inner) => Path = path;

    /// <summary>Makes the exception from its parts.</summary>
    /// <param name="path">The file (or other source) the bytes came from.</param>
    /// <param name="field">The field, tensor, entry or line at fault.</param>
    /// <param name="found">What stands there.</param>
    /// <param name="expected">What should stand there.</param>
    /// <param name="advice">What the user can do about it, as a sentence; none where nothing but another file helps.</param>
    /// <param name="inner">The exception that revealed the fault, if any.</param>
    public AttuneFormatException(string path, string field, string found, string expected, string? advice = null, Exception? inner = null)
        : this($"{path}: {field}: found {found}, expected {expected}.{(advice is null ? "" : " " + advice)}", path, inner)
    {
    }

    /// <summary>The file the bytes came from; null where the source has no name.</summary>
    public string? Path { get; }
}
