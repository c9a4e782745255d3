using System.CommandLine;

namespace Attune.Bench.Options;

/// <summary><c>--python</c>: the Python that has NumPy and PyTorch.</summary>
internal static class PythonOption
{
    /// <summary>Makes the option.</summary>
    /// <param name="description">What it is for.</param>
    public static Option<string> Create(string description) => new("--python") { DefaultValueFactory = _ => "/usr/bin/python3", Description = description, HelpName = "program" };
}
