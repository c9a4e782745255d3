using System.IO.Enumeration;

namespace Attune.Backbones.Folders;

/// <summary>What lies in a model folder beside the weights and belongs to the model: configuration, tokenizer, notes, pooling.</summary>
public static class CompanionFiles
{
    private static readonly string[] s_inRoot = ["*.json", "*.txt", "*.model", "*.md", "LICENSE*"];
    private static readonly string[] s_inFolders = ["*/config.json"];
    private static readonly string[] s_ofWeights = ["*.safetensors.index.json", "*.bin.index.json"];

    /// <summary>Whether a file is one.</summary>
    /// <param name="name">Its path below the model's folder, parts parted by '/'.</param>
    public static bool Includes(string name) =>
        (name.Contains('/') ? s_inFolders : s_inRoot).Any(pattern => Fits(name, pattern)) && !s_ofWeights.Any(pattern => Fits(name, pattern));

    private static bool Fits(string name, string pattern) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
