using System.CommandLine;

namespace Attune.Bench.Options;

/// <summary><c>--modules</c>: where npm installed a peer.</summary>
internal static class ModulesOption
{
    /// <summary>Makes the option.</summary>
    /// <param name="package">The package that must be there.</param>
    /// <param name="without">What happens where the option is not given.</param>
    public static Option<string?> Create(string package, string without)
    {
        var option = new Option<string?>("--modules") { Description = $"The folder in which npm installed {package}; {without}.", HelpName = "folder" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsInstalled(package, token.Value))
                result.AddError($"--modules: there is no node_modules/{package} in '{token.Value}'; install it there with 'npm install --ignore-scripts {package}' (see bench/peers/README.md).");
        });
        return option;
    }

    // Where Node looks: in the folder's node_modules, and in those of the folders above it.
    private static bool IsInstalled(string package, string path)
    {
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
        {
            string modules = folder.Name == "node_modules" ? folder.FullName : Path.Combine(folder.FullName, "node_modules");
            if (Directory.Exists(Path.Combine(modules, package)))
                return true;
        }
        return false;
    }
}
