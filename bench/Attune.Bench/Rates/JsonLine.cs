using System.Text;
using System.Text.Json;

namespace Attune.Bench.Rates;

/// <summary>What a turn prints.</summary>
internal static class JsonLine
{
    /// <summary>An object of texts, numbers, rows of numbers and ready JSON in one line.</summary>
    public static string Of(params IReadOnlyList<(string Name, object Value)> fields)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            foreach ((string name, object value) in fields)
            {
                switch (value)
                {
                    case double number: json.WriteNumber(name, Math.Round(number, 4)); break;
                    case int number: json.WriteNumber(name, number); break;
                    case long number: json.WriteNumber(name, number); break;
                    case IEnumerable<double> numbers:
                        json.WriteStartArray(name);
                        foreach (double one in numbers)
                            json.WriteNumberValue(Math.Round(one, 4));
                        json.WriteEndArray();
                        break;
                    case IEnumerable<JsonElement> elements:
                        json.WriteStartArray(name);
                        foreach (JsonElement one in elements)
                            one.WriteTo(json);
                        json.WriteEndArray();
                        break;
                    default: json.WriteString(name, value.ToString()); break;
                }
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
