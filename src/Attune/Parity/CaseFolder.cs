using Attune.Formats;

namespace Attune.Parity;

/// <summary>A folder that may hold a golden case: the names of its files, and its <c>case.json</c> if it has one.</summary>
internal sealed class CaseFolder
{
    /// <summary>Says what a case is and how closely it must agree.</summary>
    public const string CaseName = "case.json";

    /// <summary>The inputs and all reference numbers.</summary>
    public const string ExpectedName = "expected.safetensors";

    private readonly HashSet<string> _files;

    private CaseFolder(string root, string path)
    {
        Path = path;
        string relative = System.IO.Path.GetRelativePath(root, path).Replace('\\', '/');
        Name = relative == "." ? System.IO.Path.GetFileName(System.IO.Path.GetFullPath(path).TrimEnd('/', '\\')) : relative;
        _files = [.. Directory.EnumerateFiles(path).Select(f => System.IO.Path.GetFileName(f))];
        try
        {
            Case = Has(CaseName) ? JsonFields.Load(File(CaseName)) : null;
        }
        catch (AttuneFormatException fault)
        {
            Fault = fault;
        }
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The folder's path below the one that is run.</summary>
    public string Name { get; }

    /// <summary>The names of the files.</summary>
    public IReadOnlyCollection<string> Files => _files;

    /// <summary>The case's description; null if there is none or it cannot be read.</summary>
    public JsonFields? Case { get; }

    /// <summary>Why the case's description cannot be read; null if it can, or there is none.</summary>
    public AttuneFormatException? Fault { get; }

    /// <summary>Whether there is a file of this name.</summary>
    public bool Has(string file) => _files.Contains(file);

    /// <summary>The path of a file.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A folder and all below it, in alphabetical order; links are not followed.</summary>
    public static IEnumerable<CaseFolder> Below(string root)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
            IgnoreInaccessible = true,
        };
        return Directory.EnumerateDirectories(root, "*", options)
            .Prepend(root)
            .Order(StringComparer.Ordinal)
            .Select(path => new CaseFolder(root, path));
    }
}
