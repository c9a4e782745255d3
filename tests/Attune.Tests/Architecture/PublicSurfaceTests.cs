using System.Reflection;
using Xunit;

namespace Attune.Tests.Architecture;

/// <summary>No public name comes, goes or changes unnoticed: each library's are written down in its <c>PublicApi.txt</c>.</summary>
public sealed class PublicSurfaceTests
{
    /// <summary>Set by <c>eng/public-api.sh</c>, which writes the files instead of checking them.</summary>
    private const string WriteVariable = "ATTUNE_WRITE_PUBLIC_API";

    public static TheoryData<string> Libraries => [.. Repository.Projects.Where(IsLibrary).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_names_are_those_written_down(string library)
    {
        string file = Path.Combine(Repository.Root, "src", library, "PublicApi.txt");
        string[] found = PublicSurface.Of(Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, library + ".dll")));
        if (Environment.GetEnvironmentVariable(WriteVariable) is not null)
            File.WriteAllText(file, string.Concat(found.Select(line => line + "\n")));
        string[] written = File.Exists(file) ? File.ReadAllLines(file) : [];
        string[] changes = [.. written.Except(found).Select(line => "- " + line), .. found.Except(written).Select(line => "+ " + line)];
        Assert.True(changes.Length == 0, $"{Repository.Relative(file)} differs; run eng/public-api.sh and look at what changed:\n{string.Join('\n', changes.Take(20))}");
    }

    // The tools' own programs have no public surface.
    private static bool IsLibrary(string project) =>
        !File.ReadAllText(Path.Combine(Repository.Root, "src", project, project + ".csproj")).Contains("<OutputType>Exe", StringComparison.Ordinal);
}
