using System.Globalization;

namespace Attune.Nn.Contracts;

/// <summary>A setting of something that is trained on, in words: runs whose settings differ are different runs.</summary>
/// <param name="Name">Its name, as in recipes.</param>
/// <param name="Value">Its value, the same text in every culture.</param>
public readonly record struct Setting(string Name, string Value)
{
    /// <summary>A number, flag or text as a setting; null is <c>none</c>.</summary>
    public static Setting Of<T>(string name, T value) =>
        new(name, Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "none");
}
