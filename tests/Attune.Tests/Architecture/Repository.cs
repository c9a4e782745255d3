namespace Attune.Tests.Architecture;

/// <summary>The repository as files: what the architecture tests look at.</summary>
internal static class Repository
{
    /// <summary>The rooms from the first to the last: a room may use those before it only.</summary>
    public static readonly string[] Rooms =
    [
        "Attune.Tensors", "Attune.Formats", "Attune.Tokenizers", "Attune.Nn", "Attune.Backbones", "Attune.Data",
        "Attune.Objectives", "Attune.Tasks", "Attune.Training", "Attune.Inference", "Attune", "Attune.Studies",
        "Attune.Server", "Attune.Cli",
    ];

    private static readonly string[] NotOurs = ["bin", "obj", ".git", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The names of the projects below <c>src</c>.</summary>
    public static IEnumerable<string> Projects =>
        Directory.GetDirectories(Path.Combine(Root, "src")).Where(HoldsProject).Select(folder => Path.GetFileName(folder)!);

    /// <summary>All files of a kind below a folder, without what builds leave.</summary>
    /// <param name="folder">The folder, from the root.</param>
    /// <param name="pattern">The pattern of their names.</param>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        var start = Path.Combine(Root, folder);
        foreach (var file in Directory.EnumerateFiles(start, pattern))
            yield return file;
        foreach (var inner in Directory.EnumerateDirectories(start))
        {
            if (NotOurs.Contains(Path.GetFileName(inner)))
                continue;
            foreach (var file in Files(inner, pattern))
                yield return file;
        }
    }

    /// <summary>A path as messages show it.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static bool HoldsProject(string folder) => Directory.GetFiles(folder, "*.csproj").Length > 0;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Attune.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"Attune.slnx is not above {AppContext.BaseDirectory}.");
    }
}
