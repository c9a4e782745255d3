using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Attune.Recipes;

/// <summary>Reads recipe files (YAML) and the settings that override them.</summary>
public static class RecipeFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">Overrides as <c>key.subkey=value</c>.</param>
    /// <exception cref="RecipeException">The file is missing, too large or not YAML, or an override is malformed.</exception>
    public static RecipeFields Load(string path, IEnumerable<string>? settings = null)
    {
        if (!File.Exists(path))
            throw new RecipeException($"{path}: there is no such recipe.");
        if (new FileInfo(path).Length > MaxBytes)
            throw new RecipeException($"{path}: a recipe has at most {MaxBytes} bytes.");
        return Parse(File.ReadAllText(path), path, settings);
    }

    /// <summary>Reads a recipe from text; <paramref name="path"/> is what errors call it and where its paths start.</summary>
    /// <exception cref="RecipeException">The text is not YAML, or an override is malformed.</exception>
    public static RecipeFields Parse(string text, string path, IEnumerable<string>? settings = null)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            throw new RecipeException($"{path}, line {error.Start.Line}: {error.Message}", error);
        }
        if (yaml.Documents.Count != 1 || yaml.Documents[0].RootNode is not YamlMappingNode root)
            throw new RecipeException($"{path}: a recipe is one YAML mapping.");
        foreach (string setting in settings ?? [])
            Apply(root, setting, path);
        return new RecipeFields(root, path, "");
    }

    private static void Apply(YamlMappingNode root, string setting, string path)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new RecipeException($"'{setting}' is not a setting; write key=value, as in training.steps=100.");
        string[] keys = setting[..equals].Split('.');
        YamlMappingNode node = root;
        foreach (string key in keys[..^1])
        {
            YamlNode? child = node.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? found) ? found : null;
            switch (child)
            {
                case YamlMappingNode mapping:
                    node = mapping;
                    break;
                case null:
                    var added = new YamlMappingNode();
                    node.Add(key, added);
                    node = added;
                    break;
                case YamlScalarNode { Value: { } name }:
                    // "objective: masked-lm" is short for "objective: { name: masked-lm }".
                    var expanded = new YamlMappingNode { { "name", name } };
                    node.Children[new YamlScalarNode(key)] = expanded;
                    node = expanded;
                    break;
                default:
                    throw new RecipeException($"{path}: '{setting[..equals]}' cannot be set, because '{key}' is a list.");
            }
        }
        node.Children[new YamlScalarNode(keys[^1])] = Value(setting[(equals + 1)..], path);
    }

    private static YamlNode Value(string text, string path)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            throw new RecipeException($"{path}: '{text}' is not a YAML value: {error.Message}", error);
        }
        return yaml.Documents.Count == 0 ? new YamlScalarNode("") : yaml.Documents[0].RootNode;
    }
}
