"""Invented names, streets and notes. Nobody in here is real."""


def split(text: str) -> list[str]:
    """Words of a text."""
    return text.split()


FIRST = split("""
Alma Amir Andre Angela Anita Arjun Aubrey Beatrice Benita Boris Brenda Caleb Carla Cedric Celia Chloe Clark Colin
Connie Corey Daria Darnell Delia Derek Diana Dwight Edith Elena Elliot Emil Erica Esther Evan Fatima Felix Fiona
Frank Gail Gavin Gemma Gerald Gloria Grant Greta Harold Harriet Hector Helen Henry Ida Imani Irene Isaac Ivan Jamal
Janet Jasmine Jerome Joanna Joel Judith Julian Kara Keith Kendra Kirk Lamar Lara Latoya Leah Leon Lila Linda Logan
Lorna Lucas Mabel Malik Marcus Marian Martin Maya Melvin Mina Miles Nadia Naomi Nate Neil Nina Noel Olga Omar Opal
Oscar Paige Paul Peggy Percy Priya Quentin Rachel Raj Ramona Randall Rhonda Rita Robin Roland Rosa Rupert Ruth Sadie
Samir Sandra Seth Shania Simon Sonia Stella Stuart Sylvia Tamara Tariq Terence Thelma Thomas Tobias Trina Ursula
Vera Vernon Victor Viola Wade Wanda Warren Wendy Willa Winston Yasmin Yolanda Zachary Zelda
""")
LAST = split("""
Abbott Ackerman Adair Alder Ambrose Andersen Archer Ashby Atwood Bachman Baird Banks Barlow Bartlett Baxter Beal
Beckett Bellamy Benton Birch Blackwood Boone Bowden Bradley Brandt Briggs Brock Buckley Burgess Cahill Calder
Carmichael Carver Chandra Chapman Chen Clayton Cobb Conway Cormier Crane Crosby Curran Dalton Darby Davenport Dawson
Decker Delaney Dixon Donovan Drake Duffy Duncan Eaton Edwards Ellery Emerson Fairchild Farley Fenton Finch Fitzroy
Fleming Foster Fraser Gable Gallagher Garner Gibbs Goodwin Graves Greer Griffin Haldane Hale Hanson Harding Hawkins
Hayes Hendricks Hobbs Holland Hooper Hutton Irving Iqbal Jennings Joyce Kapoor Keane Keller Kendall Kerr Khan
Kirkland Lambert Langley Larsen Lawson Leclair Lindqvist Lowell Mackey Madden Malone Marlow Maxwell McBride Mercer
Merritt Monroe Moran Nash Navarro Nguyen Noble Norwood Oakley Okafor Okoro Osborne Paget Park Patel Pearson Pham
Pierce Porter Prescott Quigley Rahmani Ramsey Reed Reyes Rhodes Rollins Rowe Rutledge Sawyer Saxon Shaw Sheridan
Simmons Slater Sorensen Spencer Stanton Steele Sutton Tanaka Tate Thorne Tran Tucker Underhill Vance Vaughn Wagner
Walden Watts Webster Weller Whitaker Winslow Woodward Yates Yoon Zimmerman
""")
FIRST_ES = split("""
Adriana Alejandro Alicia Araceli Beatriz Carlos Carmen Daniel Dolores Eduardo Esperanza Ernesto Esteban Fernanda
Francisco Gabriela Graciela Guadalupe Gustavo Hector Ines Isabel Javier Jimena Joaquin Jorge Josefina Juana Leticia
Lourdes Lucia Luis Manuel Margarita Marisol Mateo Mercedes Miguel Noemi Octavio Pablo Paloma Pilar Ramiro Raul Rocio
Rosario Salvador Santiago Silvia Sofia Teresa Tomas Valeria Veronica Ximena
""")
LAST_ES = split("""
Acosta Aguilar Alvarado Arroyo Ayala Barrera Becerra Cabrera Camacho Campos Cardenas Cervantes Contreras Cordero
Cortez Delgado Dominguez Escobar Espinoza Estrada Figueroa Fuentes Galindo Gallegos Guerrero Guzman Herrera Ibarra
Jimenez Juarez Landa Lozano Maldonado Marquez Medina Mejia Mendoza Molina Montoya Morales Munoz Navarrete Ochoa
Olivares Orozco Pacheco Padilla Paredes Quintero Ramirez Rangel Reyes Robles Rosales Salazar Sandoval Santana Serrano
Solis Soto Tapia Trejo Valdez Valencia Vargas Vega Velasco Villanueva Zamora Zavala
""")
STREETS = split("""
Alder Ash Aspen Barton Beech Bellview Birch Bluff Brook Canal Cedar Chapel Cherry Clay Clinton College Colony Cove
Cypress Dale Depot Dogwood Elm Fairview Fern Field Foster Garden Glen Grove Harbor Hazel Hickory High Hill Holly
Juniper Kiln Lake Lark Laurel Ledge Linden Locust Magnolia Maple Meadow Mill Mulberry Oak Orchard Park Pearl Pine
Pioneer Poplar Prairie Quarry Ridge River Rosewood Sage Sawmill School Spring Spruce Station Sycamore Tanner Thistle
Vale Valley View Walnut Water Willow Windmill Woodland
""")
STREET_KINDS = ["St", "St", "St", "Ave", "Ave", "Rd", "Dr", "Ln", "Ct", "Way"]
FIRMS = split("""
Acorn Beacon Bluebird Brightleaf Cobalt Copperhill Crestline Dovetail Eastgate Evergreen Fieldstone Flint Foxglove
Granite Greenway Harbor Highmark Ironwood Keystone Lantern Lighthouse Maple Meridian Millrace Northstar Oakridge
Orchard Pinecone Quarry Redwood Ridgeline Riverbend Sandpiper Silverbirch Stonegate Summit Tidewater Trailhead
Westbrook Wheelhouse Willow Windrose
""")
FIRM_KINDS = [
    "Catering",
    "Roofing",
    "Auto Parts",
    "Landscaping",
    "Printing",
    "Plumbing",
    "Bakery",
    "Electric",
    "Design",
]
FIRM_ENDS = ["LLC", "LLC", "Inc", "Co"]

NOTES = {
    "no-answer": ["", "", "", "Rang out.", "No answer, no machine."],
    "message-left": ["", "Left the short message.", "Machine, message as in the script."],
    "busy": [""],
    "not-in-service": ["Recording: number not in service."],
    "wrong-number": ["Does not know the name. Number marked."],
    "someone-else": ["Asked when to call again, said nothing of the matter.", "A relative answered. No details given."],
    "hung-up": ["", "Line dropped after the greeting."],
    "promise": [
        "Will pay after payday.",
        "Waiting for the paycheck on Friday.",
        "Pays by link once the tax refund is in.",
        "Agreed to a part now, asks for the rest next month.",
    ],
    "plan": ["Cannot pay at once. Monthly amount fits the budget.", "Terms read back and agreed."],
    "paid-now": ["Paid during the call.", "Paid by card, receipt by e-mail."],
    "cannot-pay": [
        "Lost hours at work this month.",
        "On sick leave until next month.",
        "Rent comes first. Be patient.",
    ],
    "callback": ["Was driving, asked for a call later.", "At work, asked us to call back."],
    "dispute": ["Says the amount is wrong.", "Says this was paid last year. Asked for papers."],
    "stop-contact": ["Asked us to stop calling.", "No more calls, letters are fine."],
    "attorney": ["Gave the attorney's name and number."],
    "refuses": ["Does not want to talk about it.", "Says no to every offer."],
}
KEEP_IN_MIND = [
    "Works nights. Mornings are bad.",
    "Hard of hearing, speak slowly.",
    "Prefers text to calls.",
    "Paid on the 1st and the 15th.",
    "Cares for a parent; often in the hospital.",
]
