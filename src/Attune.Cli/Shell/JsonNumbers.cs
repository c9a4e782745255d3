using System.Text.Json;

namespace Attune.Cli.Shell;

/// <summary>Numbers that JSON may not have.</summary>
internal static class JsonNumbers
{
    /// <summary>Writes a number, or null where it is infinite or not a number.</summary>
    public static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }
}
