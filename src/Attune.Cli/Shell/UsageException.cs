namespace Attune.Cli.Shell;

/// <summary>The command line is well-formed but asks for something that makes no sense.</summary>
/// <param name="message">What is wrong and what to do.</param>
internal sealed class UsageException(string message) : Exception(message);
