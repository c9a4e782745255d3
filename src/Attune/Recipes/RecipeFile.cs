using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Attune.Recipes;

/// <summary>Reads recipe files (YAML) and the settings that override them.</summary>
public static class RecipeFile
{
    private const int MaxBytes = 1 << 20;
    private const int MaxDepth = 32;

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
        YamlStream yaml = Read(text, path);
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
        YamlStream yaml = Read(text, $"{path}, setting '{(text.Length > 60 ? text[..60] : text)}'");
        return yaml.Documents.Count == 0 ? new YamlScalarNode("") : yaml.Documents[0].RootNode;
    }

    private static YamlStream Read(string text, string source)
    {
        var yaml = new YamlStream();
        try
        {
            CheckDepth(text, source);
            yaml.Load(new StringReader(text));
            return yaml;
        }
        catch (YamlException error)
        {
            throw new RecipeException($"{source}, line {error.Start.Line}: {error.Message}", error);
        }
        // The library lets some of its own slips through on damaged text.
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException)
        {
            throw new RecipeException($"{source}: not YAML that can be read: {error.Message}", error);
        }
    }

    // Nodes are built by recursion, which a hostile file could drive beyond the stack; events are not.
    private static void CheckDepth(string text, string path)
    {
        var events = new Parser(new StringReader(text));
        int depth = 0;
        while (events.MoveNext())
        {
            depth += events.Current!.NestingIncrease;
            if (depth > MaxDepth)
                throw new RecipeException($"{path}, line {events.Current.Start.Line}: nested more than {MaxDepth} deep, which no recipe is.");
        }
    }
}
